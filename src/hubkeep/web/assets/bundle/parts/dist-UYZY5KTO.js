import{a,b,c,d}from"./chunk-KRJTTI6W.js";import"./chunk-W3QCMEX2.js";import"./chunk-HWRTDUOW.js";export{d as css,b as cssCompletionSource,c as cssLanguage,a as defineCSSCompletionSource};
