const PATHS = {
  images: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01',
  upload: 'M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 16v3h14v-3',
  pipeline: 'M2.500 12H6m5 0h2m5 0h3.500M6 8.500h5v7H6zM13 8.500h5v7h-5z',
  review:
    'M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm7-.5a3 3 0 1 0 0-6M2.5 19c.6-3 3-5 6.500-5s5.900 2 6.500 5M16 14c3 .200 5 2 5.500 5',
  face: 'M12 12.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.700-3.500 3.600-5.500 7.500-5.500s6.800 2 7.500 5.500',
  pair: 'M9 16a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm6 2a5 5 0 1 0 0-10 5 5 0 0 0 0 10Z',
  search: 'M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12Zm4.500-1.500L20 20',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.500 5.500L8 12l6.500 6.500',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2M3 12h2m14 0h2M5.600 5.600l1.400 1.400m10 10l1.400 1.400M18.400 5.600L17 7M7 17l-1.400 1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z',
  auto: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm0-16v16',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  warning: 'M12 9v4m0 3.500h.01M12 4L3 19.500h18z',
  text: 'M5 7V5h14v2M12 5v14m-3 0h6',
} as const;

/** Decoration: whatever it says is also said in words. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
