/* list_codes.h: the answers of a DNS list, as they are written. */
#ifndef MM_SCAN_LIST_CODES_H
#define MM_SCAN_LIST_CODES_H

#include "lists.h"

/* "127.0.0.2", "127.0.0.10..11" (the last number alone), "127.0.0.10..127.0.0.11".
 * 0, or -1 when it is no such thing. */
int list_code_parse(struct str s, struct list_code *out);

/* Adds it; the meaning is copied, absent is none.  -1: no such code, or too many. */
int list_code_add(struct dns_list *list, struct str code, struct str meaning);

#endif
