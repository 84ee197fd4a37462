# SPDX-License-Identifier: MIT
# The addon's build: one shared object, libbpf linked dynamically. scripts/build.mjs copies it to dist/lvn.node.
{
  'targets': [
    {
      'target_name': 'lvn',
      'sources': [
        'addon.cc',
        'arguments.cc',
        'errors.cc',
        'netns.cc',
        'netlink.cc',
        'watch.cc',
        'tun.cc',
        'lock-file.cc',
        'lock-socket.cc',
        'bpf-object.cc',
        'bpf-info.cc',
        'bpf-map.cc',
        'bpf-attach.cc',
      ],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      'cflags!': ['-fno-exceptions'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti'],
      'cflags_cc': ['-std=c++17', '-Wall', '-Wextra', '-Wno-missing-field-initializers', '-fvisibility=hidden'],
      'libraries': ['-lbpf'],
    },
  ],
}
