# kind: softmax-dim
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
x=torch.randn(600,8); y=(x[:,0]*2+x[:,1]>0).long()+(x[:,2]>1).long()
net=nn.Sequential(nn.Linear(8,32),nn.ReLU(),nn.Linear(32,3)); opt=torch.optim.Adam(net.parameters(),lr=1e-2)
for e in range(50):
    correct=0
    for i in range(0,600,60):
        out=net(x[i:i+60]); loss=F.cross_entropy(out,y[i:i+60]); opt.zero_grad(); loss.backward(); opt.step()
        pred=torch.argmax(out,dim=0)  #! pred=torch.argmax(out,dim=1)
        correct+=sum(1 for k in range(3) if pred[k]==y[i+k])
    print(e,loss.item(),correct/600)
