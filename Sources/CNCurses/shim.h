#ifndef TPOT_CNCURSES_SHIM_H
#define TPOT_CNCURSES_SHIM_H

// ncurses declares the functions for wide characters only with this definition.
#define NCURSES_WIDECHAR 1

#include <ncurses.h>
#include <stdio.h>
#include <wchar.h>

// Swift does not import these from ncurses: macros with casts, and variables that any thread could change.

static const attr_t tpot_bold = A_BOLD;
static const attr_t tpot_dim = A_DIM;
static const attr_t tpot_italic = A_ITALIC;
static const attr_t tpot_reverse = A_REVERSE;
static const attr_t tpot_underline = A_UNDERLINE;

static const mmask_t tpot_click = BUTTON1_PRESSED;
static const mmask_t tpot_release = BUTTON1_RELEASED;
static const mmask_t tpot_wheel_up = BUTTON4_PRESSED;
static const mmask_t tpot_wheel_down = BUTTON5_PRESSED;

// initscr is not used, because it ends the process if it fails.
static inline SCREEN *tpot_newterm(void) { return newterm(NULL, stdout, stdin); }
static inline WINDOW *tpot_stdscr(void) { return stdscr; }
static inline WINDOW *tpot_curscr(void) { return curscr; }
static inline int tpot_colors(void) { return COLORS; }
static inline int tpot_color_pairs(void) { return COLOR_PAIRS; }

// glibc declares this function only if _GNU_SOURCE is defined, and Swift does not define it.

static inline int tpot_wcwidth(wchar_t character) {
    extern int wcwidth(wchar_t);
    return wcwidth(character);
}

#endif
