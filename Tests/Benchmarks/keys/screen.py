"""What a terminal shows, as far as a program that uses ncurses needs one."""

import codecs
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?>=!]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[()*+#%].|[^\[\]P()*+#%])")
BEGINNING = re.compile(r"\x1b(?:\[[0-9;?>=!]*|\][^\x07\x1b]*\x1b?|P[^\x1b]*\x1b?|[()*+#%])?$")


class Screen:
    """Cells without colours."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.top, self.bottom = 0, rows - 1
        self.saved = (0, 0)
        self.last = " "
        self.rest = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def line(self, row):
        return "".join(self.cells[row]).rstrip()

    @property
    def lines(self):
        return [self.line(row) for row in range(self.rows)]

    def feed(self, data):
        text = self.rest + self.decoder.decode(data)
        self.rest = ""
        place = 0
        while place < len(text):
            character = text[place]
            if character == "\x1b":
                match = SEQUENCE.match(text, place)
                if not match:
                    if BEGINNING.match(text, place):
                        self.rest = text[place:]
                        return
                    place += 1
                    continue
                self._escape(match)
                place = match.end()
                continue
            self._character(character)
            place += 1

    def _character(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._line_feed()
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character == "\t":
            self.column = min(self.columns - 1, (self.column // 8 + 1) * 8)
        elif character >= " " and unicodedata.combining(character) == 0:
            if self.column >= self.columns:
                self.column = 0
                self._line_feed()
            self.cells[self.row][self.column] = character
            self.last = character
            is_wide = unicodedata.east_asian_width(character) in "WF"
            if is_wide and self.column + 1 < self.columns:
                self.cells[self.row][self.column + 1] = ""
            self.column += 2 if is_wide else 1

    def _line_feed(self):
        if self.row == self.bottom:
            self._scroll(self.top, 1)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def _scroll(self, top, count):
        """Moves the rows from `top` to the bottom of the region up, or down if `count` is negative."""
        count = max(-(self.bottom - top + 1), min(self.bottom - top + 1, count))
        blank = [[" "] * self.columns for _ in range(abs(count))]
        region = self.cells[top : self.bottom + 1]
        region = region[count:] + blank if count >= 0 else blank + region[:count]
        self.cells[top : self.bottom + 1] = region

    def _escape(self, match):
        sequence = match[0]
        if match[2] is None:
            if sequence == "\x1b7":
                self.saved = (self.row, self.column)
            elif sequence == "\x1b8":
                self.row, self.column = self.saved
            elif sequence == "\x1bM":
                if self.row == self.top:
                    self._scroll(self.top, -1)
                else:
                    self.row = max(0, self.row - 1)
            return
        if match[1][:1] in ("?", ">", "=", "!"):
            return
        numbers = [int(part) if part else 0 for part in match[1].split(";")]
        count = max(1, numbers[0])
        final = match[2]
        row, column = self.row, min(self.column, self.columns - 1)
        if final in "Hf":
            self.row = min(self.rows, count) - 1
            self.column = min(self.columns, max(1, numbers[1] if len(numbers) > 1 else 1)) - 1
        elif final == "A":
            self.row = max(0, row - count)
        elif final == "B":
            self.row = min(self.rows - 1, row + count)
        elif final == "C":
            self.column = min(self.columns - 1, column + count)
        elif final == "D":
            self.column = max(0, column - count)
        elif final in "G`":
            self.column = min(self.columns, count) - 1
        elif final == "d":
            self.row = min(self.rows, count) - 1
        elif final == "r":
            self.top = count - 1
            self.bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
            self.row = self.column = 0
        elif final == "b":
            for _ in range(count):
                self._character(self.last)
        elif final in "JK":
            self._erase(final, numbers[0], row, column)
        elif final == "X":
            self._fill(row, column, column + count)
        elif final == "P":
            cells = self.cells[row]
            self.cells[row] = (cells[:column] + cells[column + count :] + [" "] * count)[: self.columns]
        elif final == "@":
            cells = self.cells[row]
            self.cells[row] = (cells[:column] + [" "] * count + cells[column:])[: self.columns]
        elif final == "L":
            self._scroll(row, -count)
        elif final == "M":
            self._scroll(row, count)
        elif final in "ST":
            self._scroll(self.top, count if final == "S" else -count)

    def _fill(self, row, begin, end):
        for column in range(begin, min(end, self.columns)):
            self.cells[row][column] = " "

    def _erase(self, final, which, row, column):
        if which == 0:
            self._fill(row, column, self.columns)
        elif which == 1:
            self._fill(row, 0, column + 1)
        else:
            self._fill(row, 0, self.columns)
        if final == "J":
            others = {0: range(row + 1, self.rows), 1: range(row)}.get(which, range(self.rows))
            for each in others:
                self._fill(each, 0, self.columns)
