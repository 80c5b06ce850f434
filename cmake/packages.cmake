# The Debian packages, one for each component of install.cmake: `scripts/package` builds them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME anlan)
set(CPACK_PACKAGE_VENDOR Anlan)
set(CPACK_PACKAGE_CONTACT "Anlan developers <developers@anlan.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL edge collector tools)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# anlan_package(edge net "one line" "more lines" [DEPENDS …] [RECOMMENDS …])
macro(anlan_package component section synopsis text)
  cmake_parse_arguments(A "" "DEPENDS;RECOMMENDS" "" ${ARGN})
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME anlan-${component})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${synopsis}\n${text}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${A_DEPENDS}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${A_RECOMMENDS}")
  if(EXISTS ${PROJECT_SOURCE_DIR}/systemd/anlan-${component}.service)
    set(COMPONENT ${component})
    set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "")
    foreach(script postinst prerm postrm)
      set(made ${PROJECT_BINARY_DIR}/packaging/${component}/${script})
      configure_file(packaging/${script}.in ${made} @ONLY FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
      list(APPEND CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${made})
    endforeach()
  endif()
endmacro()

set(users "systemd | systemd-standalone-sysusers | systemd-sysusers, systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
anlan_package(edge net "safety monitoring of an industrial site: the edge daemon"
  "Reads sensors over Modbus and MQTT, scores risk on the spot, drives the local\nalarm, keeps everything in a local buffer while the line is down, and forwards\nit to the collector over MQTT."
  DEPENDS "${users}" RECOMMENDS "anlan-tools")
anlan_package(collector net "safety monitoring of industrial sites: the collector in the centre"
  "Stores what the edges send, runs tiered alerts and the closed loop of every\nhazard, notifies people, and serves the HTTP API."
  DEPENDS "${users}" RECOMMENDS "anlan-tools, mosquitto")
anlan_package(tools net "safety monitoring of industrial sites: shell, simulated plant, broker"
  "anlanctl speaks the collector's API from a shell; anlan-plant simulates\nsensors over Modbus and MQTT for tests, demonstrations and drills.\nConfigurations of the broker Mosquitto and a maker of certificates are in\n/usr/share/anlan."
  DEPENDS "openssl" RECOMMENDS "mosquitto")
include(CPack)
