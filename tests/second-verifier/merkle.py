"""Merkle trees: the way to a leaf, and what proves that a tree has it or grew from another."""

from cbor import refuse, sha256
from forms import SIZE_MAX, node_hash, root_of_path


def split(size):
    """The leaves left of the split: the largest power of two below the size (RFC 6962 §2.1)."""
    return 1 << (size - 1).bit_length() - 1


def halves(index, low, high):
    """The way down to a leaf: at each step the half that has it, and the other."""
    while high - low > 1:
        middle = low + split(high - low)
        left, right = (low, middle), (middle, high)
        near, far = (left, right) if index < middle else (right, left)
        yield near, far
        low, high = near


def included(leaf, index, size, path, root):
    refuse("size_too_large", size <= SIZE_MAX)
    refuse("out_of_range", index < size)
    refuse("path_length", len(path) == len(list(halves(index, 0, size))))
    refuse("root_mismatch", root_of_path(leaf, index, size, path) == root)


def roots(start, end, path, first):
    """RFC 6962 §2.1.2 read backwards: both roots come out of the one path.

    `first` is what the path starts from where the earlier tree is one whole subtree.
    """
    rest = list(path)

    def take():
        refuse("path_length", rest)
        return rest.pop(0)

    def within(start, end, whole):
        if start == end:
            root = first if whole else take()
            return root, root
        middle = split(end)
        if start <= middle:
            old, new = within(start, middle, whole)
            right = take()
            return old, node_hash(new, right)
        old, new = within(start - middle, end - middle, False)
        left = take()
        return node_hash(left, old), node_hash(left, new)

    found = within(start, end, True) if start else (sha256(), None)
    refuse("path_length", not rest)
    return found


def sizes(start, end):
    refuse("size_too_large", end <= SIZE_MAX)
    refuse("shrunk", start <= end)


def grown(start, end, path, root_start, root_end):
    sizes(start, end)
    old, new = roots(start, end, path, root_start)
    if start == 0:  # every tree begins with the empty one
        new = root_end if end else old
    refuse("root_mismatch", (old, new) == (root_start, root_end))
