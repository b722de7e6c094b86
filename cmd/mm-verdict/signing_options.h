/* signing_options.h: the options that say which keys sign. */
#ifndef MM_VERDICT_SIGNING_OPTIONS_H
#define MM_VERDICT_SIGNING_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "record.h"
#include "signing_keys.h"

struct signing_options {
	const char *site, *domain, *selector, *key;
	bool required;
};

enum { OPT_DOMAIN = 0x2000, OPT_SELECTOR, OPT_KEY, OPT_REQUIRED };

/* clang-format off */
#define SIGNING_OPTIONS \
	{"site", required_argument, NULL, 'C'}, \
	{"domain", required_argument, NULL, OPT_DOMAIN}, \
	{"selector", required_argument, NULL, OPT_SELECTOR}, \
	{"key", required_argument, NULL, OPT_KEY}, \
	{"required", no_argument, NULL, OPT_REQUIRED}, \
	{"help", no_argument, NULL, 'h'}
/* clang-format on */
#define SIGNING_HELP \
	"  -C, --site DIR         the site ($MM_SITE, /etc/mm), whose dkim-keys/ are used\n" \
	"      --selector S       with --key: the name of the key in the DNS\n" \
	"      --key FILE         a PEM key of mode 0600, instead of those of the site\n" \
	"      --required         what cannot be signed fails, and does not pass as it is\n"

/* False: not one of these. */
bool signing_option(struct signing_options *o, int opt, const char *arg);

/* Reads the keys, out of core dumps' reach.  Ends the program if that fails. */
void signing_options_load(const struct signing_options *o, struct signing_keys *k);

/* With --required gives the record, which could not be signed, a status and a reply:
 * tempfail when it is the site that is to be mended, which lacks a key. */
void signing_refuse(const struct signing_options *o, struct record *rec, enum status status,
	const char *why);

/* Puts the fields on top of the message. */
void signing_prepend(struct record *rec, struct str fields);

#endif
