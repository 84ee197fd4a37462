# SPDX-License-Identifier: MIT
"""
Sends by the UDP socket on descriptor 3 to ADDRESS and PORT, with MSG_MORE, from a page that nobody brings in: the
sender keeps the socket's lock for as long as this process lives. Root alone may have the kernel's own page faults.

Says "held" when the sender waits, and again for each line of its input; ends with its input, or on its own when it is
asked nothing for PATIENCE seconds, so that a kernel that waits for the sender goes on.
"""
import ctypes
import fcntl
import os
import platform
import select
import socket
import struct
import sys
import threading

PATIENCE = 30
USERFAULTFD = {"x86_64": 323, "aarch64": 282}[platform.machine()]
UFFDIO_API, UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00
UFFD_API, MISSING, EVENT_PAGEFAULT, MESSAGE = 0xAA, 1, 0x12, 32
PAGE = 4096

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.sendto.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]


def checked(result):
    if result in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def absent_page():
    """The page, and the descriptor that tells of who waits for it."""
    faults = checked(libc.syscall(USERFAULTFD, 0))
    page = checked(libc.mmap(None, PAGE, 3, 0x22, -1, 0))
    fcntl.ioctl(faults, UFFDIO_API, struct.pack("QQQ", UFFD_API, 0, 0))
    fcntl.ioctl(faults, UFFDIO_REGISTER, struct.pack("QQQQ", page, PAGE, MISSING, 0))
    return page, faults


def main(address, port):
    page, faults = absent_page()
    to = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", int(port), socket.inet_aton(address))
    arguments = (3, page, 100, socket.MSG_MORE, to, len(to))
    threading.Thread(target=libc.sendto, args=arguments, daemon=True).start()
    if os.read(faults, MESSAGE)[0] != EVENT_PAGEFAULT:
        sys.exit("no page fault")
    while True:
        print("held", flush=True)
        ready, _, _ = select.select([0], [], [], PATIENCE)
        if not ready or not os.read(0, 64):
            os._exit(0)


main(*sys.argv[1:])
