# What joins the stages and runs them.
anlan_library(edge_pipeline SOURCES pipeline.cpp LINK anlan_edge_score anlan_edge_async_buffer anlan_common_wire)
