/* authserv.h: the name under which results are written (RFC 8601 section 2.5). */
#ifndef MM_AUTHSERV_H
#define MM_AUTHSERV_H

#include "json.h"

/* "AuthservId" of the site's settings, else its host name.  The caller frees; NULL
 * after an error was logged.  settings may be NULL; else it gets them, to be released
 * where a name was returned. */
char *authserv_name(const char *site, struct json_doc *settings);

#endif
