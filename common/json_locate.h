/* json_locate.h: where in a JSON text a value stands.  jansson forgets places
 * after parsing; this finds one again, only when there is a problem to tell. */
#ifndef MM_JSON_LOCATE_H
#define MM_JSON_LOCATE_H

#include "json.h"

/* doc->text is valid JSON without duplicate keys.  Sets *line and *column (in
 * characters, both from 1) of the value at `at` (of its key when key_itself);
 * leaves them alone when there is no such value. */
void json_locate(const struct json_doc *doc, const struct json_at *at, bool key_itself,
	int *line, int *column);

#endif
