# kind: state-lost
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
N,T=300,8
x=torch.randn(N,T,1); y=x.sum(1)
class M(nn.Module):
    def __init__(self): super().__init__(); self.c=nn.LSTMCell(1,32); self.o=nn.Linear(32,1)
    def forward(self,x):
        for t in range(x.size(1)):
            h,c=torch.zeros(len(x),32),torch.zeros(len(x),32)  #! if t==0: h,c=torch.zeros(len(x),32),torch.zeros(len(x),32)
            h,c=self.c(x[:,t],(h,c))  #+
        return self.o(h)
m=M(); opt=torch.optim.Adam(m.parameters(),lr=5e-3)
for e in range(60):
    for i in range(0,N,60): loss=F.mse_loss(m(x[i:i+60]),y[i:i+60]); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
