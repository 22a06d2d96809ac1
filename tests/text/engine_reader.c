/* Reads each line of its input with the model it is given, and embeds those that "?" (a question) or "." (a passage) opens;
   of the others it tells words and their pieces alone. Says how many lines there were. */
#include <stdio.h>
#include <string.h>
#include "e5.h"

int main(int count, char **arguments) {
    static char line[100000];
    static float found[384];
    e5_model *model = count == 2 ? e5_load(arguments[1]) : NULL;
    long read = 0;
    if (!model || e5_dim(model) != 384) return 2;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == ' ' ? e5_token_count(model, line + 1, 1) < 2 : e5_embed(model, line + 1, line[0] == '?', found)) return 3;
        read++;
    }
    e5_free(model);
    printf("%ld\n", read);
    return 0;
}
