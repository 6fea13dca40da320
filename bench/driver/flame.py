"""Stacks as a flame graph: an SVG whose widths are shares of the time. Pure."""

import html

WIDTH, HEIGHT, NARROWEST = 1400, 17, 0.8  # pixels; what is narrower is left out
COLOURS = {"engine": "#e8823a", "component": "#4f9d69", "child": "#4f7fb5", "library": "#b0a160", "kernel": "#a05a78"}
LETTER = 6.3  # pixels, about


class Node:
    """A frame in its place: under the same callers."""

    def __init__(self):
        self.count, self.called = 0, {}


def tree(stacks):
    root = Node()
    for stack, count in stacks.items():
        node = root
        node.count += count
        for frame in stack:
            node = node.called.setdefault(frame, Node())
            node.count += count
    return root


def boxes(node, everything, left=0.0, depth=0):
    """(frame, left, width, depth, share) of all that is wide enough to be seen."""
    for frame, called in sorted(node.called.items(), key=lambda item: -item[1].count):
        width = WIDTH * called.count / everything
        if width < NARROWEST:
            continue
        yield frame, left, width, depth, called.count / everything
        yield from boxes(called, everything, left, depth + 1)
        left += width


def svg(stacks, title):
    root = tree(stacks)
    found = list(boxes(root, root.count or 1))
    rows = 2 + max((depth for *_, depth, _ in found), default=0)
    height = (rows + 1) * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" font-size="11">',
        f'<text x="4" y="13">{html.escape(title)}; {", ".join(f"{name} {colour}" for name, colour in COLOURS.items())}</text>',
    ]
    for (kind, name), left, width, depth, share in found:
        top = height - (depth + 1) * HEIGHT
        text = name[: int(width / LETTER)] if width > 3 * LETTER else ""
        parts.append(
            f"<g><title>{html.escape(name)} ({kind}) {share:.1%}</title>"
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{HEIGHT - 1}" fill="{COLOURS[kind]}"/>'
            f'<text x="{left + 2:.1f}" y="{top + 12}">{html.escape(text)}</text></g>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
