import { InferenceSession, Tensor } from 'onnxruntime-node';
import { attribute, encodeModel, node, tensor } from '/work/tree/house/scripts/onnx/model.ts';
import { chance } from '/work/tree/house/scripts/chance.ts';
import { decodeUpright } from '/work/tree/house/src/imaging/decode.ts';
import { resizePixels } from '/work/tree/house/src/imaging/resize.ts';
import { toTensorData } from '/work/tree/house/src/vision/classifier-tensors.ts';
import { TEXTURES, textureSet, toJpeg } from '/work/tree/house/scripts/train-custom-vision/textures.ts';
console.log('ok');
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const SIDE=48;
async function images(count:number, seed:number){ const f=`/tmp/house/set-${count}-${seed}.bin`;
 if(existsSync(f)){const b=readFileSync(f);const all=new Float32Array(b.buffer.slice(b.byteOffset,b.byteOffset+b.byteLength));return Array.from({length:count},(_,i)=>all.subarray(i*3*SIDE*SIDE,(i+1)*3*SIDE*SIDE))}
 const out=[];for(const p of textureSet(count,seed)){const r=await resizePixels(await decodeUpright(await toJpeg(p)),SIDE,SIDE);out.push(toTensorData(r,{width:SIDE,height:SIDE,layout:'NCHW'},{mean:[0,0,0],scale:[255,255,255],channels:'RGB'}))}
 writeFileSync(f,Buffer.concat(out.map(x=>Buffer.from(x.buffer))));return out;}
const N=Number(process.argv[2]??3600);
const train=await images(N,0), held=await images(600,1);
const c=chance(7); const normal=()=>Math.sqrt(-2*Math.log(1-c.next()))*Math.cos(2*Math.PI*c.next());
function features(channels:number[],kernels:number[],strides:number[],pool:boolean[]){
 const nodes=[],weights=[];nodes.push(node('MeanVarianceNormalization',['image'],['normalised'],[attribute.integers('axes',[1,2,3])]));
 let cur='normalised';const pools:string[]=[];let count=0;
 for(let i=1;i<channels.length;i++){const k=kernels[i-1],inn=channels[i-1],out=channels[i];
  const w=Float32Array.from({length:out*inn*k*k},()=>normal()*Math.sqrt(2/(inn*k*k)));
  // zero mean filters in the first layer
  if(i===1){for(let o=0;o<out;o++)for(let q=0;q<inn;q++){let m=0;for(let t=0;t<k*k;t++)m+=w[(o*inn+q)*k*k+t];m/=k*k;for(let t=0;t<k*k;t++)w[(o*inn+q)*k*k+t]-=m}}
  const b=Float32Array.from({length:out},()=>normal()*0.3);count+=w.length;
  weights.push(tensor('w'+i,'float32',[out,inn,k,k],w),tensor('b'+i,'float32',[out],b));
  nodes.push(node('Conv',[cur,'w'+i,'b'+i],['c'+i],[attribute.integers('kernel_shape',[k,k]),attribute.integers('pads',[k>>1,k>>1,k>>1,k>>1]),attribute.integers('strides',[strides[i-1],strides[i-1]])]),node('Relu',['c'+i],['r'+i]));cur='r'+i;
  if(pool[i-1]){nodes.push(node('GlobalAveragePool',[cur],['p'+i]));pools.push('p'+i);
    nodes.push(node('ReduceL2',[cur],['q'+i],[attribute.integers('axes',[2,3]),attribute.integer('keepdims',1)]));pools.push('q'+i);nodes.push(node('GlobalMaxPool',[cur],['m'+i]));pools.push('m'+i)}
 }
 nodes.push(node('Concat',pools,['all'],[attribute.integer('axis',1)]),node('Flatten',['all'],['features']));
 const dim=channels.slice(1).reduce((s,n,i)=>s+(pool[i]?3*n:0),0);
 return {model:encodeModel({name:'f',opset:13,nodes,weights,inputs:[{name:'image',type:'float32',dims:[1,3,SIDE,SIDE]}],outputs:[{name:'features',type:'float32',dims:[1,dim]}]}),dim,count};
}
function fit(X:Float32Array[],y:number[],K:number,epochs:number,rate:number,decay:number){
 const D=X[0].length;const W=new Float64Array(K*(D+1));const r=chance(3);
 for(let e=0;e<epochs;e++){const a=rate*(1-e/epochs);
  for(let n=0;n<X.length;n++){const i=r.whole(0,X.length-1);const x=X[i];const s=[];let hi=-1e9;
   for(let k=0;k<K;k++){let v=W[k*(D+1)+D];for(let d=0;d<D;d++)v+=W[k*(D+1)+d]*x[d];s.push(v);hi=Math.max(hi,v)}
   const p=s.map(v=>Math.exp(v-hi));const t=p.reduce((u,v)=>u+v);
   for(let k=0;k<K;k++){const g=(p[k]/t-(k===y[i]?1:0))*a;for(let d=0;d<D;d++)W[k*(D+1)+d]-=g*x[d]+a*decay*W[k*(D+1)+d];W[k*(D+1)+D]-=g}}}
 return (x:Float32Array)=>{let best=0,bv=-1e9;for(let k=0;k<K;k++){let v=W[k*(D+1)+D];for(let d=0;d<D;d++)v+=W[k*(D+1)+d]*x[d];if(v>bv){bv=v;best=k}}return best}
}
for(const [ch,k,s,p] of [
 [[3,16,24,32],[3,3,3],[1,1,2],[true,true,true]],
 [[3,12,24,32,32],[3,3,3,3],[1,2,2,2],[true,true,true,true]],
 [[3,24,32],[5,3],[1,2],[true,true]],
] as any){
 const f=features(ch,k,s,p);const se=await InferenceSession.create(f.model,{intraOpNumThreads:1});
 const run=async(v:Float32Array)=>(await se.run({image:new Tensor('float32',v,[1,3,SIDE,SIDE])})).features.data as Float32Array;
 const X:Float32Array[]=[],H:Float32Array[]=[];for(const v of train)X.push(Float32Array.from(await run(v)));for(const v of held)H.push(Float32Array.from(await run(v)));
 const D=f.dim,m=new Float64Array(D),sd=new Float64Array(D);for(const x of X)for(let d=0;d<D;d++)m[d]+=x[d]/X.length;for(const x of X)for(let d=0;d<D;d++)sd[d]+=(x[d]-m[d])**2/X.length;
 const norm=(x:Float32Array)=>x.map((v,d)=>(v-m[d])/(Math.sqrt(sd[d])+1e-6));
 const Xn=X.map(norm),Hn=H.map(norm);
 const t0=Date.now();for(const quad of [0,1]){const Q=(x)=>quad?Float32Array.from([...x,...x.map(v=>Math.min(4,v*v)-1)]):x;const Xq=Xn.map(Q),Hq=Hn.map(Q);const pred=fit(Xq,train.map((_,i)=>i%6),6,30,0.02,1e-4);
 console.log(JSON.stringify([ch,k,s]),'weights',f.count,'dim',D,'train',(Xq.filter((x,i)=>pred(x)===i%6).length/Xn.length*100).toFixed(1),'held',(Hq.filter((x,i)=>pred(x)===i%6).length/600*100).toFixed(1),Date.now()-t0,'ms',quad)}
}
