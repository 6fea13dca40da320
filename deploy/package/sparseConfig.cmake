# find_package(sparse): the target sparse::sdk and the function sparse_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/sparseTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/SparsePlugin.cmake)
