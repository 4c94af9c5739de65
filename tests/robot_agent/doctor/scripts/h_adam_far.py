# kind: rate-too-high
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
x=torch.randn(600,20); y=(x[:,0]*x[:,1]>0).long()
net=nn.Sequential(nn.Linear(20,128),nn.ReLU(),nn.Linear(128,128),nn.ReLU(),nn.Linear(128,128),nn.ReLU(),nn.Linear(128,2)); opt=torch.optim.Adam(net.parameters(),lr=0.1)  #! net=nn.Sequential(nn.Linear(20,128),nn.ReLU(),nn.Linear(128,2)); opt=torch.optim.Adam(net.parameters(),lr=1e-3)
for e in range(30):
    for i in range(0,600,60): loss=F.cross_entropy(net(x[i:i+60]),y[i:i+60]); opt.zero_grad(); loss.backward(); opt.step()
    print(loss.item())
