# What is installed where, by component; a component is a Debian package (packages.cmake).
include(GNUInstallDirs)
set(share ${CMAKE_INSTALL_DATADIR}/anlan)

# anlan_install(edge PROGRAMS anlan-edge … DOCS file …): programs with their manual pages, documents
function(anlan_install component)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "PROGRAMS;DOCS")
  set(doc ${CMAKE_INSTALL_DATADIR}/doc/anlan-${component})
  foreach(program IN LISTS A_PROGRAMS)
    install(TARGETS ${program} RUNTIME COMPONENT ${component})
    install(FILES ${PROJECT_BINARY_DIR}/man/${program}.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${component})
  endforeach()
  install(FILES ${A_DOCS} DESTINATION ${doc} COMPONENT ${component})
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/copyright DESTINATION ${doc} COMPONENT ${component})
  install(FILES ${PROJECT_BINARY_DIR}/packaging/changelog.gz DESTINATION ${doc} COMPONENT ${component})
endfunction()

# anlan_install_service(edge): unit, user, folders, an example of the configuration
function(anlan_install_service component)
  set(name anlan-${component})
  install(FILES systemd/${name}.service DESTINATION lib/systemd/system COMPONENT ${component})
  install(FILES systemd/sysusers.d/${name}.conf DESTINATION lib/sysusers.d COMPONENT ${component})
  install(FILES systemd/tmpfiles.d/${name}.conf DESTINATION lib/tmpfiles.d COMPONENT ${component})
  install(FILES docs/examples/${component}.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name}/examples COMPONENT ${component})
endfunction()

anlan_install(edge PROGRAMS anlan-edge DOCS docs/reference/edge.md docs/reference/profile.md docs/formats/profiles.md docs/formats/buffer-db.md)
anlan_install_service(edge)
install(DIRECTORY firmware-profiles DESTINATION ${share} COMPONENT edge FILES_MATCHING PATTERN "*.toml")

anlan_install(collector PROGRAMS anlan-collector
  DOCS docs/reference/collector.md docs/alerts-and-hazards.md docs/formats/notification.md docs/formats/collector-db.md docs/formats/records-db.md docs/formats/backup.md)
anlan_install_service(collector)
install(FILES systemd/anlan-collector-backup.service systemd/anlan-collector-backup.timer DESTINATION lib/systemd/system COMPONENT collector)
install(FILES docs/openapi.json DESTINATION ${share} COMPONENT collector)

anlan_install(tools PROGRAMS anlanctl anlan-plant DOCS docs/formats/plant.md)
# The brokers' configurations and what makes certificates: for sites and for the centre.
install(DIRECTORY packaging/mosquitto systemd/mosquitto.service.d DESTINATION ${share} COMPONENT tools)
install(PROGRAMS scripts/make-certificates DESTINATION ${share} COMPONENT tools)
