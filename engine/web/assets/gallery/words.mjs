// Arabic for the prototypes, to look at the mirrored layout with real letters.
export const words = {};
