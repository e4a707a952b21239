"""Swift text without its comments and strings, so that a rule sees only code.

Not a parser: it knows comments (nested too), the four kinds of string literal with their
interpolations, and nothing else. Blanked characters become spaces, so offsets and line numbers stay.
"""

import re


class SwiftSource:
    """One Swift file: `lines` as written, `code` with comments and strings blanked."""

    def __init__(self, text):
        self.text = text
        self.lines = text.split("\n")
        self.code = "".join(_blanked(text))
        self.code_lines = self.code.split("\n")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def has_reason(self, number):
        """Whether line `number` (from 1) has a comment on it or directly above it."""
        if "//" in self.lines[number - 1] and "//" not in self.code_lines[number - 1]:
            return True
        above = number - 2
        # A statement or an attribute list may be broken over a few lines: look past them.
        for _ in range(3):
            if above < 0 or not self.lines[above].strip():
                return False
            if self.lines[above].strip().startswith("//"):
                return True
            above -= 1
        return False

    def functions(self):
        """Yields (name, first line, number of lines) of every function that has a body."""
        for match in re.finditer(r"\b(?:func\s+(`[^`]+`|[^\s(<]+)|(init)\b[?!]?\s*[(<])", self.code):
            opening = self._body_after(match.start())
            if opening is None:
                continue
            closing = self._closing(opening)
            first, last = self.line_of(match.start()), self.line_of(closing)
            yield (match.group(1) or "init").strip("`"), first, last - first + 1

    def _body_after(self, start):
        depth, i, code = 0, start, self.code
        while i < len(code):
            character = code[i]
            if character in "([":
                depth += 1
            elif character in ")]":
                depth -= 1
                if depth < 0:
                    return None  # A call, as `self.init(…)` inside of an expression.
            elif depth == 0 and character == "{":
                return i
            elif depth == 0 and character == "}":
                return None
            elif depth == 0 and character == "\n" and not _continues(code, i):
                return None
            i += 1
        return None

    def _closing(self, opening):
        depth = 0
        for i in range(opening, len(self.code)):
            if self.code[i] == "{":
                depth += 1
            elif self.code[i] == "}":
                depth -= 1
                if depth == 0:
                    return i
        return len(self.code) - 1


def _continues(code, newline):
    following = code[newline + 1 :].lstrip()
    return re.match(r"\{|where\b|->|throws\b|async\b|rethrows\b", following) is not None


def _blanked(text):
    out = list(text)
    i, length = 0, len(text)

    def blank(start, end):
        for k in range(start, min(end, length)):
            if out[k] != "\n":
                out[k] = " "

    while i < length:
        if text.startswith("//", i):
            end = text.find("\n", i)
            end = length if end < 0 else end
            blank(i, end)
            i = end
        elif text.startswith("/*", i):
            end = _comment_end(text, i)
            blank(i, end)
            i = end
        elif text[i] == '"' or (text[i] == "#" and re.match(r'#+"', text[i : i + 8])):
            end = _string_end(text, i)
            blank(i, end)
            i = end
        elif text[i] == "`":
            # A name written as a sentence may hold an apostrophe or a quotation mark.
            end = text.find("`", i + 1)
            i = length if end < 0 else end + 1
        else:
            i += 1
    return out


def _comment_end(text, i):
    depth = 0
    while i < len(text):
        if text.startswith("/*", i):
            depth += 1
            i += 2
        elif text.startswith("*/", i):
            depth -= 1
            i += 2
            if depth == 0:
                return i
        else:
            i += 1
    return len(text)


def _string_end(text, i):
    hashes = 0
    while text[i] == "#":
        hashes += 1
        i += 1
    fence = '"""' if text.startswith('"""', i) else '"'
    closing = fence + "#" * hashes
    escape = "\\" + "#" * hashes
    i += len(fence)
    while i < len(text):
        if text.startswith(escape, i):
            i += len(escape)
            if i < len(text) and text[i] == "(":
                i = _interpolation_end(text, i)
            else:
                i += 1
        elif text.startswith(closing, i):
            return i + len(closing)
        elif fence == '"' and text[i] == "\n":
            return i
        else:
            i += 1
    return len(text)


def _interpolation_end(text, i):
    depth = 0
    while i < len(text):
        if text[i] == "(":
            depth += 1
        elif text[i] == ")":
            depth -= 1
            if depth == 0:
                return i + 1
        elif text[i] == '"':
            i = _string_end(text, i)
            continue
        i += 1
    return len(text)
