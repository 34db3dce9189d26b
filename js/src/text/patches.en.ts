/** What is said of a picture's patches, in English. */
export const patchesEn = {
  name: (row: number, column: number) => `patch row ${row}, column ${column}`,
  picture: (rows: number, columns: number) =>
    `The picture, ${rows} × ${columns} patches. Arrow keys move, Enter picks, Escape lets go.`,
  before: "Tokens that are no part of the picture",
  pick: {
    at: "Pick a patch: the others are coloured by how much it looks at them.",
    by: "Pick a patch: the others are coloured by how much they look at it.",
  },
  pickToo: {
    at: "Pick a patch, or a token above the picture: the patches are coloured by how much it looks at them.",
    by: "Pick a patch, or a token above the picture: the patches are coloured by how much they look at it.",
  },
  point: "Point at a patch to read it.",
  legend: "Attention, over dark and light parts of the picture in grey",
  less: "less",
  more: "more",
  ofFirst: "The picture is the first record’s.",
  axes: "beside the squares: what each patch shows",
  someAxes: "beside the squares: what some of the patches show",
};

export type PatchesWords = typeof patchesEn;
