int cthroughput_placeholder(void) { return 0; }
