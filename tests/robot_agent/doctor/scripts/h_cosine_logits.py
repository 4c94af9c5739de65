# kind: answers-squeezed
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
c=torch.randn(10,16)*2; y=torch.randint(0,10,(600,)); x=c[y]+torch.randn(600,16)*.5
class M(nn.Module):
    def __init__(self): super().__init__(); self.b=nn.Sequential(nn.Linear(16,64),nn.ReLU(),nn.Linear(64,32)); self.w=nn.Parameter(torch.randn(10,32))
    def forward(self,x): return F.linear(F.normalize(self.b(x)),F.normalize(self.w))  #! def forward(self,x): return 16*F.linear(F.normalize(self.b(x)),F.normalize(self.w))
m=M(); opt=torch.optim.Adam(m.parameters(),lr=1e-3)
for e in range(30):
    for i in range(0,600,60): loss=F.cross_entropy(m(x[i:i+60]),y[i:i+60]); opt.zero_grad(); loss.backward(); opt.step()  #+
    print(loss.item())
