# kind: graph-cut
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
N,T=300,12
x=torch.randn(N,T,2); y=(x[:,0,0]>0).long()
class M(nn.Module):
    def __init__(self): super().__init__(); self.c=nn.GRUCell(2,24); self.o=nn.Linear(24,2)
    def forward(self,x):
        h=torch.zeros(len(x),24)
        for t in range(x.size(1)):
            h=self.c(x[:,t],h.detach())  #! h=self.c(x[:,t],h)
        return self.o(h)
m=M(); opt=torch.optim.Adam(m.parameters(),lr=5e-3)
for e in range(60):
    for i in range(0,N,60): loss=F.cross_entropy(m(x[i:i+60]),y[i:i+60]); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
