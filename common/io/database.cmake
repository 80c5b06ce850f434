anlan_library(common_io_database SOURCES database.cpp LINK anlan_common_base)
target_link_libraries(anlan_common_io_database PRIVATE anlan_common_io_sqlite_file soci SQLite::SQLite3)
if(ANLAN_SANITIZE)
  set_source_files_properties(database.cpp PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)  # SOCI hides its type information
endif()
