"""A serial line without hardware, for slaves that want a device to open."""
import os
import threading
import tty


def terminal(link):
    """A pair of pseudo terminals joined by a thread; the far one's name. The near one is what `link` names."""
    (far, far_end), (near, near_end) = os.openpty(), os.openpty()
    for end in (far_end, near_end):
        tty.setraw(end)
    for source, sink in ((far, near), (near, far)):
        threading.Thread(target=pump, args=(source, sink), daemon=True).start()
    os.symlink(os.ttyname(near_end), link)
    return os.ttyname(far_end)


def pump(source, sink):
    while True:
        os.write(sink, os.read(source, 4096))
