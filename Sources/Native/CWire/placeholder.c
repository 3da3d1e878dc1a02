int cwire_placeholder(void) { return 0; }
