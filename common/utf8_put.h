/* utf8_put.h: makes UTF-8 of what may not be. */
#ifndef MM_UTF8_PUT_H
#define MM_UTF8_PUT_H

#include <stdbool.h>

#include "buf.h"

/* Appends a code point; false for what is none (surrogates, 0, above U+10FFFF). */
bool utf8_put(struct buf *out, unsigned code);

/* The character that windows-1252 has there. */
unsigned utf8_windows_1252(unsigned char c);

/* Appends s: UTF-8 as it is, any other octet as windows-1252 reads it, NUL as a
 * space. */
void utf8_repair(struct buf *out, struct str s);

/* Is it an ideograph or kana, which is a word by itself? */
bool utf8_stands_alone(unsigned code);

#endif
