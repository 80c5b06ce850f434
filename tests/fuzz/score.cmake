anlan_fuzzer(score SOURCES score_fuzz.cpp LINK anlan_edge_score CORPUS corpus/score)
