/// Cuts a word into the pieces of a unigram model whose probabilities multiply to the most.
///
/// The same search as SentencePiece's, but with scores summed in fp64, as huggingface/tokenizers sums them: for
/// repeated characters ("-----", "!!!!!") several segmentations have the same probability, and rounding decides.
///
/// Source: tokenizers `models/unigram/model.rs`, `Unigram::encode_optimized`; SentencePiece `unigram_model.cc`,
/// `Model::EncodeOptimized`.
struct UnigramSegmenter: Sendable {
    private struct Step {
        var start = -1
        var id = 0
        var score = 0.0
    }

    private let scores: [Double]
    private let unknownID: Int
    private let unknownScore: Double
    /// A trie over the pieces' bytes: from a node (its number × 256 + byte) to the next; 0 is the root.
    private var edges: [Int: Int32] = [:]
    /// The id of the piece that ends at a node; -1 for none.
    private var idAtNode: [Int32] = [-1]

    /// - Parameter pieces: in order of their ids, as UTF-8, with their logarithmic probabilities.
    init(pieces: [(text: [UInt8], score: Float)], unknownID: Int) {
        scores = pieces.map { Double($0.score) }
        self.unknownID = unknownID
        // SentencePiece's constant `kUnkPenalty`.
        unknownScore = (scores.min() ?? 0) - 10
        for (id, piece) in pieces.enumerated() {
            var node = 0
            for byte in piece.text { node = extend(node, by: byte) }
            idAtNode[node] = Int32(id)
        }
    }

    private mutating func extend(_ node: Int, by byte: UInt8) -> Int {
        let key = node << 8 | Int(byte)
        if let next = edges[key] { return Int(next) }
        let next = idAtNode.count
        edges[key] = Int32(next)
        idAtNode.append(-1)
        return next
    }

    /// The ids of a word's pieces, left to right; neighbouring scalars that no piece covers share one unknown id.
    ///
    /// - Parameter word: UTF-8.
    func ids(of word: [UInt8]) -> [Int] {
        var best = [Step](repeating: Step(), count: word.count + 1)
        var start = 0
        while start < word.count {
            let scalarEnd = min(start + UTF8Length.of(word[start]), word.count)
            let isScalarCovered = extendPaths(from: start, scalarEnd: scalarEnd, in: word, &best)
            if !isScalarCovered {
                let score = best[start].score + unknownScore
                if best[scalarEnd].start < 0 || score > best[scalarEnd].score {
                    best[scalarEnd] = Step(start: start, id: unknownID, score: score)
                }
            }
            start = scalarEnd
        }
        return trace(best)
    }

    /// Tries every piece that begins at `start`; returns whether one of them is exactly the scalar there.
    private func extendPaths(from start: Int, scalarEnd: Int, in word: [UInt8], _ best: inout [Step]) -> Bool {
        var isScalarCovered = false
        var node = 0
        for end in (start + 1)...word.count {
            guard let next = edges[node << 8 | Int(word[end - 1])] else { break }
            node = Int(next)
            let id = Int(idAtNode[node])
            guard id >= 0 else { continue }
            let score = scores[id] + best[start].score
            if best[end].start < 0 || score > best[end].score {
                best[end] = Step(start: start, id: id, score: score)
            }
            if end == scalarEnd { isScalarCovered = true }
        }
        return isScalarCovered
    }

    private func trace(_ best: [Step]) -> [Int] {
        var ids: [Int] = []
        var end = best.count - 1
        while end > 0 {
            let step = best[end]
            if step.id != unknownID || ids.last != unknownID { ids.append(step.id) }
            end = step.start
        }
        return ids.reversed()
    }
}
