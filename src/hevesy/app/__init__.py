"""Use cases: one function each; the command line calls nothing else. Import the module of the use case you need."""
