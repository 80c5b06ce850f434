# Manual pages from the programs' own --help, and the changelog that Debian asks for: target `manual`, needed by `install`.
find_program(HELP2MAN help2man)

# anlan_manual(anlan-edge "what it is in a few words")
function(anlan_manual program brief)
  set(page ${PROJECT_BINARY_DIR}/man/${program}.1.gz)
  add_custom_command(OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${HELP2MAN} --no-info --no-discard-stderr --section=1 --manual=Anlan "--source=Anlan ${PROJECT_VERSION}"
            --version-string=${PROJECT_VERSION} "--name=${brief}" --output=${PROJECT_BINARY_DIR}/man/${program}.1
            $<TARGET_FILE:${program}>
    COMMAND gzip -9nf ${PROJECT_BINARY_DIR}/man/${program}.1
    DEPENDS ${program} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY ANLAN_MANUAL ${page})
endfunction()

if(HELP2MAN)
  anlan_manual(anlan-edge "reads sensors, scores risk on the spot, keeps everything until the centre has it")
  anlan_manual(anlan-collector "stores what the edges send, raises alerts, runs the closed loop of hazards")
  anlan_manual(anlanctl "the collector's API from a shell")
  anlan_manual(anlan-plant "a simulated plant for tests, demonstrations and drills")
  get_property(pages GLOBAL PROPERTY ANLAN_MANUAL)
  add_custom_target(manual DEPENDS ${pages})
endif()

configure_file(packaging/changelog.in ${PROJECT_BINARY_DIR}/packaging/changelog @ONLY)
execute_process(COMMAND gzip -9nkf ${PROJECT_BINARY_DIR}/packaging/changelog COMMAND_ERROR_IS_FATAL ANY)
