#include <idn2.h>
#include <stdlib.h>

#include "address.h"
#include "idn.h"
#include "mem.h"

char *
idn_ascii(struct str domain)
{
	char *name = str_dup(domain), *ascii = NULL, *copy;
	bool plain = true;
	for (char *c = name; *c; c++) {
		*c = ascii_lower(*c);
		plain = plain && (unsigned char)*c < 0x80;
	}
	if (plain)
		return name;
	int rc = idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	free(name);
	if (rc != IDN2_OK)
		return NULL;
	/* Wide forms of spaces and signs have become those themselves. */
	copy = domain_valid(str_of(ascii)) ? xstrdup(ascii) : NULL;
	idn2_free(ascii);
	return copy;
}
