export const sidebar = [] as { text: string; items: { text: string; link: string }[] }[];
