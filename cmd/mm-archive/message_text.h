/* message_text.h: what a message says, for people. */
#ifndef MM_ARCHIVE_MESSAGE_TEXT_H
#define MM_ARCHIVE_MESSAGE_TEXT_H

#include "buf.h"

/* Appends the text of all text parts, HTML as text, as UTF-8 with lines that end in LF
 * and without control characters: of parts that say the same (multipart/alternative)
 * the first that says anything.  A message within has its From, Date and Subject first. */
void message_text(struct buf *out, struct str octets);

/* Appends the HTML parts that are no attachments and in no attached message, or, where
 * there is none, all HTML parts, as UTF-8.  False when there is no HTML. */
bool message_html(struct buf *out, struct str octets);

#endif
