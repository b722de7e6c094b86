/* links.h: the hosts that links in a text lead to, as browsers and mail readers
 * understand them. */
#ifndef MM_SCAN_LINKS_H
#define MM_SCAN_LINKS_H

#include "str.h"

/* A host as it is in the link, percent-encoding undone: a name or an address. */
typedef void link_host(void *arg, struct str host);

/* Plain text: what begins with http:, https:, ftp: or www., and mailto: addresses. */
void links_in_text(struct str text, link_host *each, void *arg);

/* HTML: the values of attributes, their character references resolved; also links
 * that take the scheme from the page ("//host/"). */
void links_in_html(struct str html, link_host *each, void *arg);

#endif
