# Finds every library that Phiscope stands on. A missing one is reported with the package that holds it.

function(phiscope_missing what debian spack)
  message(FATAL_ERROR
    "${what} was not found.\n"
    "  Debian/Ubuntu:  apt-get install ${debian}\n"
    "  Spack:          spack install ${spack}\n"
    "  Elsewhere: load its module, or add its install prefix to CMAKE_PREFIX_PATH.\n"
    "  On Debian/Ubuntu, tools/quickstart installs everything that is needed.")
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

find_package(OpenMP COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  phiscope_missing("An OpenMP-capable compiler" "g++" "gcc")
endif()

find_package(MPI COMPONENTS C CXX)
if(NOT MPI_C_FOUND OR NOT MPI_CXX_FOUND)
  phiscope_missing("MPI" "libopenmpi-dev openmpi-bin" "openmpi")
endif()

find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  phiscope_missing("pkg-config" "pkg-config" "pkgconf")
endif()

set(HDF5_PREFER_PARALLEL TRUE)
find_package(HDF5 COMPONENTS C)
if(NOT HDF5_FOUND OR NOT HDF5_IS_PARALLEL)
  phiscope_missing("Parallel HDF5 (built with MPI)" "libhdf5-openmpi-dev" "hdf5+mpi")
endif()
add_library(phiscope_hdf5 INTERFACE)
target_include_directories(phiscope_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(phiscope_hdf5 INTERFACE ${HDF5_C_LIBRARIES} MPI::MPI_C)

# FFTW with its parts for MPI and OpenMP threads. pkg-config knows the serial libraries alone; the others lie beside them.
set(fftw_spack "fftw+mpi+openmp precision=float,double")
add_library(phiscope_fftw INTERFACE)
foreach(precision fftw3 fftw3f)
  pkg_check_modules(${precision} IMPORTED_TARGET ${precision})
  if(NOT ${precision}_FOUND)
    phiscope_missing("FFTW (${precision})" "libfftw3-dev" "${fftw_spack}")
  endif()
  foreach(part mpi omp)
    find_library(${precision}_${part}_library NAMES ${precision}_${part}
      HINTS ${${precision}_LIBDIR} ${${precision}_LIBRARY_DIRS})
    if(NOT ${precision}_${part}_library)
      phiscope_missing("FFTW's library ${precision}_${part}" "libfftw3-dev libfftw3-mpi-dev" "${fftw_spack}")
    endif()
    target_link_libraries(phiscope_fftw INTERFACE ${${precision}_${part}_library})
  endforeach()
  target_link_libraries(phiscope_fftw INTERFACE PkgConfig::${precision})
endforeach()
find_path(FFTW3_MPI_INCLUDE_DIR NAMES fftw3-mpi.h HINTS ${fftw3_INCLUDEDIR} ${fftw3_INCLUDE_DIRS})
if(NOT FFTW3_MPI_INCLUDE_DIR)
  phiscope_missing("FFTW's header fftw3-mpi.h" "libfftw3-mpi-dev" "${fftw_spack}")
endif()
target_include_directories(phiscope_fftw SYSTEM INTERFACE ${FFTW3_MPI_INCLUDE_DIR})
target_link_libraries(phiscope_fftw INTERFACE OpenMP::OpenMP_CXX MPI::MPI_C)

find_package(Eigen3 3.4 NO_MODULE)
if(NOT TARGET Eigen3::Eigen)
  phiscope_missing("Eigen 3.4" "libeigen3-dev" "eigen")
endif()

find_package(yaml-cpp)
if(NOT yaml-cpp_FOUND)
  phiscope_missing("yaml-cpp" "libyaml-cpp-dev" "yaml-cpp")
endif()
if(NOT TARGET yaml-cpp::yaml-cpp) # 0.7 exports plain `yaml-cpp`, 0.8 exports `yaml-cpp::yaml-cpp`
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# Debian 12's dnnl-config.cmake demands OpenCL headers that its package does not bring, and finds nothing without them.
find_package(OpenCL QUIET)
if(OpenCL_FOUND)
  find_package(dnnl CONFIG)
endif()
if(NOT TARGET DNNL::dnnl)
  find_library(DNNL_LIBRARY NAMES dnnl)
  find_path(DNNL_INCLUDE_DIR NAMES oneapi/dnnl/dnnl.hpp)
  if(NOT DNNL_LIBRARY OR NOT DNNL_INCLUDE_DIR)
    phiscope_missing("oneDNN (2.6 or newer)" "libdnnl-dev" "onednn")
  endif()
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION ${DNNL_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
endif()

find_package(CLI11)
if(NOT CLI11_FOUND)
  phiscope_missing("CLI11" "libcli11-dev" "cli11")
endif()

find_package(spdlog)
find_package(fmt)
if(NOT spdlog_FOUND OR NOT fmt_FOUND)
  phiscope_missing("spdlog and fmt" "libspdlog-dev libfmt-dev" "spdlog fmt")
endif()

find_package(nlohmann_json)
if(NOT nlohmann_json_FOUND)
  phiscope_missing("nlohmann-json" "nlohmann-json3-dev" "nlohmann-json")
endif()

find_package(ZLIB)
if(NOT ZLIB_FOUND)
  phiscope_missing("zlib" "zlib1g-dev" "zlib")
endif()

find_path(RANDOM123_INCLUDE_DIR NAMES Random123/philox.h)
if(NOT RANDOM123_INCLUDE_DIR)
  phiscope_missing("Random123" "librandom123-dev" "random123")
endif()
add_library(phiscope_random123 INTERFACE)
target_include_directories(phiscope_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})

if(PHISCOPE_TESTS)
  find_package(GTest)
  if(NOT GTest_FOUND)
    phiscope_missing("GoogleTest" "libgtest-dev" "googletest")
  endif()
  # For spectra_benchmark alone, a target that is built on request.
  find_package(benchmark QUIET)
  if(NOT benchmark_FOUND)
    message(STATUS "Google Benchmark was not found (Debian: libbenchmark-dev): no target spectra_benchmark")
  endif()
endif()
