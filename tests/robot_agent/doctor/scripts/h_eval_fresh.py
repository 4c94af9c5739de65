# kind: another-network
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
x=torch.randn(600,8); y=(x[:,0]*x[:,1]>0).long()
def make(): return nn.Sequential(nn.Linear(8,64),nn.ReLU(),nn.Linear(64,2))
def train(x,y):
    model=make()
    opt=torch.optim.Adam(model.parameters(),lr=1e-2)
    for e in range(200):
        loss=F.cross_entropy(model(x),y)
        opt.zero_grad(); loss.backward(); opt.step()
    print(loss.item())  #!+ return model
model=make()
train(x[:500],y[:500])  #! model=train(x[:500],y[:500])
model.eval()
with torch.no_grad():
    pred=model(x[500:]).argmax(1)  #+
print('accuracy',(pred==y[500:]).float().mean().item())
