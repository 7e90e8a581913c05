# One library per room of the house. What a room may include is what it links: a forbidden include does not compile.

add_library(phiscope_options INTERFACE)
target_compile_options(phiscope_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 takes its own AVX-512 intrinsics, which Eigen uses, for uninitialised variables (GCC bug 105593).
  target_compile_options(phiscope_options INTERFACE -Wno-maybe-uninitialized)
endif()
if(PHISCOPE_WERROR)
  target_compile_options(phiscope_options INTERFACE -Werror)
endif()
if(PHISCOPE_NATIVE)
  target_compile_options(phiscope_options INTERFACE -march=native)
endif()
if(PHISCOPE_SANITIZE)
  target_compile_options(phiscope_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(phiscope_options INTERFACE -fsanitize=address,undefined)
endif()

# Half of a file's compile time goes into reading the same few headers: they are read once for each room instead.
# phiscope_precompile(TARGET [HEADER …]): those of nearly every file, and the ones that the target's files add.
function(phiscope_precompile target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  # Reading them once takes as long as five files save.
  if(NOT PHISCOPE_PRECOMPILE OR count LESS 6)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <algorithm> <cmath> <cstdint> <filesystem> <functional> <map> <memory>
    <optional> <span> <string> <vector> <fmt/format.h> ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # So that the compiler cache can tell what a file that reads them depends on.
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()

# phiscope_room(NAME SOURCES a.cpp… [LINK targets…] [PRECOMPILE headers…]): the library phiscope_NAME, alias
# phiscope::NAME.
# Its headers are visible to those who link it only: each room has its own include root in the build tree.
function(phiscope_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK;PRECOMPILE" ${ARGN})
  set(include_root ${CMAKE_BINARY_DIR}/include_${name})
  file(MAKE_DIRECTORY ${include_root}/phiscope)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/include/phiscope/${name} ${include_root}/phiscope/${name} SYMBOLIC)
  if(ROOM_SOURCES)
    add_library(phiscope_${name} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(phiscope_${name} PRIVATE phiscope_options)
    phiscope_precompile(phiscope_${name} ${ROOM_PRECOMPILE})
  else()
    add_library(phiscope_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(phiscope::${name} ALIAS phiscope_${name})
  target_include_directories(phiscope_${name} ${scope} ${include_root})
  target_link_libraries(phiscope_${name} ${scope} ${ROOM_LINK})
endfunction()
