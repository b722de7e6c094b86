/* htmltext.h: the words that a reader of an HTML mail sees, for searching: tags,
 * comments, scripts and styles removed, character references resolved. */
#ifndef MM_HTMLTEXT_H
#define MM_HTMLTEXT_H

#include "buf.h"

/* Appends the text of `html` (UTF-8) to out: at most three octets for each octet
 * of html.  Anything at all is accepted. */
void htmltext(struct buf *out, struct str html);

/* The same for people: blocks of text begin on lines of their own, runs of spaces and of
 * empty lines are one. */
void htmltext_lines(struct buf *out, struct str html);

#endif
