/* addrlist.h: address lists: a file with an entry a line, mm-site(5).  An entry is
 *     user@example.org      that address
 *     example.org           every address of the domain
 *     *.example.org         of its subdomains
 *     *@example.org         of the domain, as well
 *     info*@example.org     whose local part begins so
 *     user@*.example.org    that user at any subdomain
 * Everything is compared without case.  A look-up takes the same time whatever
 * the number of entries. */
#ifndef MM_ADDRLIST_H
#define MM_ADDRLIST_H

#include <stdbool.h>

#include "json.h"

#define ADDRLIST_MAX_ENTRIES 100000
#define ADDRLIST_MAX_SIZE (64u << 20)

struct addrlist;

/* NULL with problems added, every bad line of them; else addrlist_free(). */
struct addrlist *addrlist_load(const char *path, struct problems *ps);
void addrlist_free(struct addrlist *l);

const char *addrlist_path(const struct addrlist *l);
size_t addrlist_count(const struct addrlist *l);

/* Is the bare address (local@domain) on the list? */
bool addrlist_contains(struct addrlist *l, struct str address);

/* Can it be an entry of a list?  Without spaces around it. */
bool addrlist_entry_valid(struct str entry);
#define ADDRLIST_ENTRY "an address, a domain, *.DOMAIN, PREFIX*@DOMAIN or LOCAL@*.DOMAIN"

/* Reads the file again if it is another or has changed.  0: as it was or read
 * anew; -1 with problems added: the old content stays. */
int addrlist_refresh(struct addrlist *l, struct problems *ps);

#endif
