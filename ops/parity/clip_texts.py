"""Texts on which tokenizers differ, for the recordings of CLIP's tokenizer."""

import random

CONTENT = [
    "", " ", "\n\t ", "a", "a photo of a cat", "A Photo Of A CAT", "A red fox runs through deep snow at dawn.",
    "it's", "IT'S", "they're we've I'm you'll he'd don't", "'tis 's 't 're 've 'm 'll 'd '", "'''s", "rock'n'roll",
    "someone's cat's 'someone'", "'S 'T 'RE 'VE 'M 'LL 'D", "it\u2019s they\u2019re", "s' t'", "a's'b", "'sir",
    "don''t", "double  space", "many      spaces", "  leading", "trailing  ", "tab\there", "line\nbreak",
    "crlf\r\nbreak", "\v\f\x85", "no\u00a0break", "em\u2003space", "thin\u2009space", "ideographic\u3000space",
    "zero\u200bwidth", "word\u2060joiner", "\ufeffbom", "line\u2028sep\u2029par", "narrow\u202fno-break",
    "\u1680ogham", "soft\u00adhyphen", "nul\x00byte", "\x01\x02\x1f\x7f", "\u0080\u009f", "0", "0123456789",
    "1,234.56", "3.14159", "1st 2nd 3rd", "4k 8K 24fps", "2x4", "year2024", "\u00bd \u00bc \u00b2 \u00b3",
    "\u2160\u2161\u2162 \u2170", "\u0661\u0662\u0663", "\u096a\u096b", "\u4e00\u4e8c\u4e09", "\u2460\u2461",
    "\U0001d7d8\U0001d7d9", "\u0be7\u0be8", "!", "!!!", "?!?!", "...", "\u2026", "--", "\u2014", "\u2013",
    "wow!!!yes", "(parentheses) [brackets] {braces}", "\"quoted\"", "\u201cquoted\u201d", "\u00abquoted\u00bb",
    "a/b\\c|d", "#hashtag @user", "user@example.com", "https://example.com/a?b=c&d=%20", "C++ & C#",
    "$5 \u20ac5 \u00a35 \u00a55", "100%", "a_b-c", "~`^*", "\u00a9\u00ae\u2122", "\u2190\u2191\u2192\u2193",
    "\u2200x\u2203y", "a+b=c", "5\u00d76\u00f72", "\u00b1\u00b5", "caf\u00e9", "cafe\u0301", "CAF\u00c9",
    "na\u00efve", "nai\u0308ve", "\u00e9\u00e8\u00ea\u00eb", "\u00c5ngstr\u00f6m", "\u212bngstr\u00f6m",
    "A\u030angstro\u0308m", "\u00df \u1e9e", "STRASSE Stra\u00dfe", "\u0130stanbul", "Istanbul \u0131", "I\u0307",
    "i\u0307", "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3",
    "\u039f\u0394\u039f\u03a3 \u039f\u0394\u039f\u03a3.", "\u1f80\u1f88\u1fb3\u1fbc", "\u01c4\u01c5\u01c6",
    "\ufb01 \ufb02", "\ufb03", "\u0132\u0133", "\u0149", "\u1e0b\u0323", "\u1e0d\u0307", "d\u0323\u0307",
    "d\u0307\u0323", "q\u0307\u0323", "q\u0323\u0307", "\u0344", "\u0958", "\u2126\u2127\u212a", "\u0340\u0341",
    "\u0374\u037e\u0387", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab",
    "\u0915\u093c", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22",
    "\u4e2d\u6587", "\u4e2d\u6587 \u5b57\u7b26", "\u732b\u304c\u3044\u308b", "\u30ab\u30bf\u30ab\u30ca",
    "\uff76\uff80\uff76\uff85", "\u304b\u3099", "\u304c", "\u30cf\u309a", "\uff21\uff22\uff23\uff11\uff12",
    "\u3002\u3001\uff01\uff1f", "\uf900\uf901", "\U0002f800", "\U00020000",
    "\u0440\u0443\u0441\u0441\u043a\u0438\u0439", "\u0420\u0423\u0421\u0421\u041a\u0418\u0419",
    "\u0419\u0439 \u0418\u0306", "\u0401\u0451", "\u05e2\u05d1\u05e8\u05d9\u05ea", "\u05e9\u05c1\u05b8", "\ufb2a",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\ufdfa", "\u0627\u0653", "\u0622", "\u10d0\u10d1 \u1c90\u1c91",
    "\u13a0\uab70", "\u0531\u0561", "\u1e00\u1e01", "\u2c00\u2c30", "\U00010400\U00010428", "\U0001e900\U0001e922",
    "\U000118a0", "\ua64a\ua64b\u1c88", "\U0001f600", "\U0001f600\U0001f601", "\U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "\u2764", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3",
    "#\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "cat\U0001f431cat", "\U0001f431 \U0001f431",
    "\u263a", "\u2620\ufe0e", "\U0001d400\U0001d401", "\U0001d504", "\u24b6\u24d0", "\U0001f130", "\u210c\u2111",
    "\u02b0\u02b1", "\u2071\u207f\u2080", "\u00aa\u00ba", "a\u0300\u0301\u0302\u0303", "\u0300", "\u0300a",
    "a \u0300", "Z\u0351\u036b\u0343a\u0329l\u0329g\u033ao", "\ufffd", "\ufffe\uffff", "\ue000", "\U0010ffff",
    "\u0378", "\u2e2f", "\u3031", "\u16ee", "\u3007\u3021", "\U00012400", "\u180e", "\u034f", "\u200e\u200f",
    "\u202a\u202c", "\u061c", "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b", "a<|endoftext|>b",
    "<|startoftext|><|endoftext|>", "<|STARTOFTEXT|>", "<|EndOfText|>", "<|startoftext|", "<|endoftext|>!!",
    "!!<|endoftext|>", "<|ENDOFTEXT|>!!", "<|STARTOFTEXT|>!! <|ENDOFTEXT|>", "!<|ENDOFTEXT|>", "< |endoftext|>",
    "<|end oftext|>", "caf\u00e9<|endoftext|>\u0301", "<|startoftext|>'s", "</w>", "a</w>", "the</w> cat",
    "[UNK] <pad> <s> </s>", "<unk>", "\u0120the \u0121", "\u00e2\u0122", "the the the", "License",
    "LICENSE licensee licensing", "copyright", "antidisestablishmentarianism", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababab", "thethethethe", "x" * 200, "the " * 40, "\u00e9" * 60, "a!" * 80, "\U0001f600" * 30,
    "1234567890" * 12, "word " * 74, "word " * 75, "word " * 76, "a " * 75 + "b", "\u4e2d" * 26, "i'm " * 50,
    "license " * 30 + "<|endoftext|> agreement", "the license " * 12 + "<|endoftext|>" * 70,
]

PIECES = [
    "a", "B", "the ", "License", "'s", "'", "!", "?", "...", " ", "  ", "\n", "\u00a0", "1", "42", "\u00e9",
    "e\u0301", "\u0130", "\u00df", "\u03a3", "\u4e2d", "\U0001f600", "\u200d", "\ufe0f", "<|endoftext|>",
    "<|STARTOFTEXT|>", "<|", "|>", "-", "\u0301", "\u0323", "\u0915", "\u1100", "\u1161", "'ll", "\u2019", "of",
]


def texts(draw: random.Random) -> list[str]:
    """The fixed texts, then some that are put together by chance."""
    return CONTENT + ["".join(draw.choice(PIECES) for _ in range(draw.randrange(1, 25))) for _ in range(60)]
