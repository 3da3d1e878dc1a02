extern "C" int csentencepiece_placeholder(void) { return 0; }
