/* charset_name.h: what mail calls charsets, and what iconv calls them. */
#ifndef MM_CHARSET_NAME_H
#define MM_CHARSET_NAME_H

#include <stdbool.h>

#include "str.h"

#define CHARSET_NAME_MAX 64 /* octets of a label, those behind are not looked at */

/* Writes into out the name that iconv_open() is to be asked for: of what other
 * programs write by a label, the largest charset (so gb2312 is GB18030).  Empty when
 * the label says nothing: UTF-8, US-ASCII and those like unknown-8bit. */
void charset_name(struct str label, char out[CHARSET_NAME_MAX]);

#endif
