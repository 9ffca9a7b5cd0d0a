#ifndef TPOT_CNCURSES_SHIM_H
#define TPOT_CNCURSES_SHIM_H

// The functions for wide characters are declared only with this.
#define NCURSES_WIDECHAR 1

#include <ncurses.h>
#include <stdio.h>
#include <wchar.h>

// What Swift does not import from ncurses: macros with casts, and variables that any thread could change.

static const attr_t tpot_bold = A_BOLD;
static const attr_t tpot_dim = A_DIM;
static const attr_t tpot_italic = A_ITALIC;
static const attr_t tpot_reverse = A_REVERSE;
static const attr_t tpot_underline = A_UNDERLINE;

static const mmask_t tpot_click = BUTTON1_PRESSED;
static const mmask_t tpot_wheel_up = BUTTON4_PRESSED;
static const mmask_t tpot_wheel_down = BUTTON5_PRESSED;

// Not initscr, which ends the process where it fails.
static inline SCREEN *tpot_newterm(void) { return newterm(NULL, stdout, stdin); }
static inline WINDOW *tpot_stdscr(void) { return stdscr; }
static inline WINDOW *tpot_curscr(void) { return curscr; }
static inline int tpot_colors(void) { return COLORS; }
static inline int tpot_color_pairs(void) { return COLOR_PAIRS; }

// What glibc declares for C programs only that define _GNU_SOURCE, which Swift does not.

static inline int tpot_wcwidth(wchar_t character) {
    extern int wcwidth(wchar_t);
    return wcwidth(character);
}

#endif
