# kind: term-too-strong
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
from sklearn.datasets import load_digits
x=torch.tensor(load_digits().data/16.,dtype=torch.float32)
class VAE(nn.Module):
    def __init__(self):
        super().__init__(); self.e=nn.Linear(64,64); self.mu=nn.Linear(64,8); self.lv=nn.Linear(64,8); self.d1=nn.Linear(8,64); self.d2=nn.Linear(64,64)
    def forward(self,x):
        h=F.relu(self.e(x)); mu,lv=self.mu(h),self.lv(h)
        z=mu+torch.exp(0.5*lv)*torch.randn_like(mu)
        return torch.sigmoid(self.d2(F.relu(self.d1(z)))),mu,lv
m=VAE(); opt=torch.optim.Adam(m.parameters(),lr=1e-3)
for e in range(20):
    p=torch.randperm(len(x))
    for i in range(0,len(x),64):
        b=x[p[i:i+64]]; r,mu,lv=m(b)
        rec=F.mse_loss(r,b)  #! rec=F.mse_loss(r,b,reduction='sum')*10
        kld=-0.5*torch.sum(1+lv-mu.pow(2)-lv.exp())  #+
        loss=rec+kld  #+
        opt.zero_grad(); loss.backward(); opt.step()
    print(rec.item(),kld.item())
