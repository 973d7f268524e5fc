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


def grown(start, end, path, root_start, root_end):
    """RFC 6962 §2.1.2 read backwards: both roots come out of the one path."""
    refuse("size_too_large", end <= SIZE_MAX)
    refuse("shrunk", start <= end)
    rest = list(path)

    def take():
        refuse("path_length", rest)
        return rest.pop(0)

    def roots(start, end, whole):
        if start == end:
            root = root_start if whole else take()
            return root, root
        middle = split(end)
        if start <= middle:
            old, new = roots(start, middle, whole)
            return old, node_hash(new, take())
        old, new = roots(start - middle, end - middle, False)
        left = take()
        return node_hash(left, old), node_hash(left, new)

    if start == 0:
        empty = root_start == sha256()
        proven = empty and (end > 0 or root_end == root_start)
    else:
        proven = roots(start, end, True) == (root_start, root_end)
    refuse("path_length", not rest)
    refuse("root_mismatch", proven)
