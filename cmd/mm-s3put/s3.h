/* s3.h: where objects go, and who puts them. */
#ifndef MM_S3_H
#define MM_S3_H

#include <stdbool.h>

#include "buf.h"

struct s3 {
	char *bucket, *prefix, *kms_key; /* kms_key NULL: none */
	char *endpoint;                  /* NULL: that of AWS for the region */
	char *region;
	int path_style;                                /* -1: as the endpoint suggests */
	char *access_key, *secret_key, *session_token; /* token NULL: none */
};

/* Fills what the options left open, from the environment, then from the site
 * (secrets/s3, "S3" of site.json).  0, or -1 after an error was logged. */
int s3_complete(struct s3 *s, const char *site);
void s3_release(struct s3 *s);

/* Appends the URL of an object, percent-encoded. */
void s3_url(const struct s3 *s, struct str key, struct buf *out);

/* <Code> and <Message> of an error document on one line; empty when it has none. */
void s3_error(struct str document, struct buf *out);

#endif
