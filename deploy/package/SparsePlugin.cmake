# sparse_add_plugin(NAME source…): a plugin NAME.so, to be named in a topology file as `plugin: NAME.so/CLASS`.
# Link what it needs to the target NAME, as to any other. With no build type given it is optimised: this is what runs.
function(sparse_add_plugin name)
  if(NOT ARGN)
    message(FATAL_ERROR "sparse_add_plugin(${name}): name its source files, too")
  endif()
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE sparse::sdk)
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  get_property(configurations GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT configurations AND NOT CMAKE_BUILD_TYPE)
    target_compile_options(${name} PRIVATE -O2)
  endif()
endfunction()
