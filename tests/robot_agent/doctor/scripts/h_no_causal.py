# kind: target-in-sight
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
text='to be or not to be that is the question whether tis nobler in the mind to suffer '*20
ch=sorted(set(text)); ix=torch.tensor([ch.index(c) for c in text]); V=len(ch); L=24
class M(nn.Module):
    def __init__(self):
        super().__init__(); self.e=nn.Embedding(V,32); self.p=nn.Parameter(torch.randn(L,32)*.1); self.t=nn.TransformerEncoder(nn.TransformerEncoderLayer(32,4,64,dropout=0.0,batch_first=True),2); self.o=nn.Linear(32,V)
    def forward(self,x): return self.o(self.t(self.e(x)+self.p[:x.size(1)]))  #! def forward(self,x): m=nn.Transformer.generate_square_subsequent_mask(x.size(1)); return self.o(self.t(self.e(x)+self.p[:x.size(1)],mask=m,is_causal=True))
m=M(); opt=torch.optim.Adam(m.parameters(),lr=2e-3)
for s in range(200):
    st=torch.randint(0,len(ix)-L-1,(16,)); x=torch.stack([ix[i:i+L] for i in st]); y=torch.stack([ix[i+1:i+L+1] for i in st])
    loss=F.cross_entropy(m(x).reshape(-1,V),y.reshape(-1)); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
g=ix[:1][None]
with torch.no_grad():
    for _ in range(30): g=torch.cat([g,m(g[:,-L:])[:,-1].argmax(-1,keepdim=True)],1)
print(''.join(ch[i] for i in g[0]))
