/* srs_main.h: "mm-relay srs": addresses rewritten or, with --reverse, restored. */
#ifndef MM_SRS_MAIN_H
#define MM_SRS_MAIN_H

/* argv[0] is the word srs. */
_Noreturn void srs_main(int argc, char **argv);

#endif
