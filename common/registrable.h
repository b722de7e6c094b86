/* registrable.h: the domain that somebody registered, by the public suffix list
 * (libpsl): "a.b.example.co.uk" gives "example.co.uk". */
#ifndef MM_REGISTRABLE_H
#define MM_REGISTRABLE_H

/* The domain, lower case with A-labels, must outlive the result, which is a suffix of
 * it; NULL where it is a public suffix itself or has one label. */
const char *registrable_domain(const char *domain);

#endif
