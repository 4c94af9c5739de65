# kind: imbalanced
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
x=torch.randn(2000,6); y=((x[:,0]+0.5*torch.randn(2000))>2.4).long(); print(y.float().mean())  #+
net=nn.Sequential(nn.Linear(6,16),nn.ReLU(),nn.Linear(16,2)); opt=torch.optim.SGD(net.parameters(),lr=0.01)
for e in range(15):
    for i in range(0,2000,50):
        loss=F.cross_entropy(net(x[i:i+50]),y[i:i+50]); opt.zero_grad(); loss.backward(); opt.step()  #+
    print(loss.item(),net(x).argmax(1).sum())
